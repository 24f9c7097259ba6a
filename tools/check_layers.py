#!/usr/bin/env python3
"""check_layers.py --build BUILD_DIR [--source SOURCE_DIR] [--table layers.toml]

Holds the project to its layers: what the targets of the build graph link, and what the files include,
may only point down in the order of tools/layers.toml, and a library may be used only where that table
says so. Prints each violation with its place; exit status 1 if there is one, 2 if it cannot check.
"""

import argparse
import fnmatch
import json
import pathlib
import re
import subprocess
import sys
import tomllib

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
NODE = re.compile(r'^\s*"(node\d+)" \[ label = "([^"\\]+)')
EDGE = re.compile(r'^\s*"(node\d+)" -> "(node\d+)"')
SOURCE_SUFFIXES = (".cpp", ".h", ".in")


class Table:
    """What layers.toml says."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = tomllib.load(file)
        self.order = data["order"]
        self.tops = data["tops"]
        self.families = data["families"]
        self.libraries = data["library"]
        self.system = data["system"]["headers"]

    def rank(self, folder):
        """The layer of a folder as a number; apps/, fuzz/ and bench/ are above all of src/."""
        parts = folder.split("/")
        if parts[0] == "src" and len(parts) > 1 and parts[1] in self.order:
            return self.order.index(parts[1])
        return len(self.order) if parts[0] in self.tops else None

    def library_of_header(self, header):
        # The most specific pattern decides: linux/seccomp.h is not just linux/*.
        hits = [
            (len(pattern), library)
            for library in self.libraries
            for pattern in library["headers"]
            if fnmatch.fnmatchcase(header, pattern)
        ]
        return max(hits, key=lambda hit: hit[0])[1] if hits else None

    def library_of_target(self, target):
        return next((l for l in self.libraries if target in l.get("targets", [])), None)

    def is_system(self, header):
        standard = "/" not in header and "." not in header
        return standard or any(fnmatch.fnmatchcase(header, p) for p in self.system)


def is_test(path):
    """Whether `path` (a file or the folder of a target) is test code."""
    name = path.rpartition("/")[2]
    return name.endswith("_test.cpp") or name.startswith("test_support.") or "testing" in path.split("/")


def may_use(library, folder, test):
    folders = library["folders"]
    if test and "tests" in folders:
        return True
    return any(folder == f or folder.startswith(f + "/") for f in folders)


def points_down(table, user, used, test):
    """None if the folder `user` may use the folder `used`, else why not."""
    user_rank, used_rank = table.rank(user), table.rank(used)
    if user_rank is None:
        return f"{user} is not in the table of layers"
    if used_rank is None or used_rank > user_rank:
        return f"{used} lies above {user}"
    user_parts, used_parts = user.split("/"), used.split("/")
    if user_parts[:2] != ["src", "families"] or used_parts[:2] != ["src", "families"]:
        return None
    return family_conflict(table, user_parts[2:], used_parts[2:], test)


def family_conflict(table, user, used, test):
    if not user or not used or used[0] == "testing" or user[0] == "testing":
        return None
    if user[0] != used[0]:
        if used[0] in table.families.get(user[0], []):
            return None
        return f"the family {user[0]} may not know the family {used[0]}"
    # Two scanners of one family; what lies in the family's own folder is shared.
    siblings = len(user) > 1 and len(used) > 1 and user[1] != used[1]
    if siblings and "testing" not in (user[1], used[1]) and not test:
        return f"the scanner {user[1]} may not know the scanner {used[1]}"
    return None


def source_files(source, table):
    for top in ["src", *table.tops]:
        for path in sorted((source / top).rglob("*")):
            if path.suffix in SOURCE_SUFFIXES and "testdata" not in path.parts:
                yield path.relative_to(source).as_posix()


def check_includes(source, table):
    for name in source_files(source, table):
        folder = name.rpartition("/")[0]
        text = (source / name).read_text(encoding="utf-8", errors="replace")
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            problem = check_include(source, table, name, folder, match[1], match[2])
            if problem:
                yield f"{name}:{line}: #include {match[2]}: {problem}"


def check_include(source, table, name, folder, quote, header):
    if quote == '"':
        # As the compiler looks: beside the file, then from src/ on.
        if (source / folder / header).is_file() and "/" not in header:
            return None
        # bench/ has folders that share what lies above them.
        top = header.partition("/")[0]
        if top in table.tops and folder.partition("/")[0] == top and (source / header).is_file():
            return None
        used = "src/" + header.rpartition("/")[0]
        if not (source / "src" / header).is_file():
            generated = (source / "src" / header).parent.is_dir()
            return None if generated else "no such file below src/"
        return points_down(table, folder, used, is_test(name))
    library = table.library_of_header(header)
    if library:
        if may_use(library, folder, is_test(name)):
            return None
        return f"only {', '.join(library['folders'])} may include it"
    if table.is_system(header):
        return None
    return "not in tools/layers.toml; add the library there with the folders that may use it"


def regenerate(build, dot):
    """Lets CMake write the link graph and, by its file API, the folders of the targets."""
    query = build / ".cmake/api/v1/query/codemodel-v2"
    query.parent.mkdir(parents=True, exist_ok=True)
    query.touch()
    run = subprocess.run(
        ["cmake", f"--graphviz={dot}", str(build)], capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        sys.stderr.write(run.stdout + run.stderr)
        sys.exit(2)


def target_folders(build):
    """Target name -> folder, relative to the source directory."""
    reply = build / ".cmake/api/v1/reply"
    index = json.loads(max(reply.glob("index-*.json")).read_text())
    model_file = next(o["jsonFile"] for o in index["objects"] if o["kind"] == "codemodel")
    model = json.loads((reply / model_file).read_text())
    configuration = model["configurations"][0]
    folders = {}
    for target in configuration["targets"]:
        directory = configuration["directories"][target["directoryIndex"]]
        folders[target["name"]] = directory["source"]
    return folders


def link_edges(dot):
    """(user, used) for every link in CMake's graph, by target name."""
    names, edges = {}, []
    for line in dot.read_text().splitlines():
        if node := NODE.match(line):
            names[node[1]] = node[2]
        elif edge := EDGE.match(line):
            edges.append((edge[1], edge[2]))
    return [(names[a], names[b]) for a, b in edges if a in names and b in names]


def check_links(build, table):
    dot = build / "layers" / "graph.dot"
    dot.parent.mkdir(exist_ok=True)
    regenerate(build, dot)
    folders = target_folders(build)
    for user, used in link_edges(dot):
        folder = folders.get(user)
        if folder is None:
            continue  # an imported library's own dependencies
        if folder == "." or folders.get(used) == ".":
            continue  # precompiled headers (cmake/Precompiled.cmake): nothing to call
        test = user.endswith("_test") or is_test(folder)
        if used in folders:
            problem = points_down(table, folder, folders[used], test)
        else:
            library = table.library_of_target(used)
            allowed = library is None or may_use(library, folder, test)
            problem = None if allowed else f"only {', '.join(library['folders'])} may link it"
        if problem:
            yield f"{folder}: target {user} links {used}: {problem}"


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--build", type=pathlib.Path, help="configured build directory")
    parser.add_argument("--source", type=pathlib.Path, default=here.parent)
    parser.add_argument("--table", type=pathlib.Path, default=here / "layers.toml")
    arguments = parser.parse_args()

    table = Table(arguments.table)
    problems = list(check_includes(arguments.source, table))
    if arguments.build:
        if not (arguments.build / "CMakeCache.txt").is_file():
            print(f"{arguments.build} is not a configured build directory", file=sys.stderr)
            return 2
        problems += check_links(arguments.build, table)
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} violations of tools/layers.toml", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
