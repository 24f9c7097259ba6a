#!/usr/bin/env python3
"""apigen.py --spec api/openapi.yaml --out DIRECTORY [--shards N]

Makes the C++ of the API from its description: tables, routes, types, JSON converters and the text of
/openapi.json. Files that would not change are left alone, so that nothing is compiled for nothing.
"""

import argparse
import pathlib
import sys

import load
import model
import render


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--shards", type=int, default=4, help="files that the JSON converters are split into")
    arguments = parser.parse_args()
    try:
        files = render.render(model.Model(load.Spec(arguments.spec)), arguments.shards)
    except load.SpecError as error:
        print(f"{arguments.spec}: {error}", file=sys.stderr)
        return 1
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = arguments.out / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
