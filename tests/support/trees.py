"""Small root trees for tests, so that they need no real disk."""

OS_RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n'


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def dpkg_stanza(name, version, source=None):
    lines = [
        f"Package: {name}",
        "Status: install ok installed",
        "Architecture: all",
        f"Version: {version}",
        *([f"Source: {source}"] if source else []),
        "Maintainer: Nobody <nobody@example.invalid>",
        "Description: a package of a test",
    ]
    return "\n".join(lines) + "\n"


def debian_root(root, packages=(("keep", "1.0-1"),), python=()):
    """A root with an os-release, a dpkg database and Python packages in Debian's local folder."""
    write(
        root,
        {
            "etc/os-release": OS_RELEASE,
            "var/lib/dpkg/status": "\n".join(dpkg_stanza(*package) for package in packages),
            "usr/share/doc/keep/readme": "kept\n",
        },
    )
    for name, version in python:
        write(
            root,
            {
                f"usr/local/lib/python3.11/dist-packages/{name}-{version}.dist-info/METADATA": (
                    f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nText.\n"
                )
            },
        )
    return root


def many_distributions(root, count, padding):
    """A root with `count` dist-info folders whose METADATA has `padding` bytes of description, so that
    the content workers are busy for a while."""
    debian_root(root)
    text = "description " * (padding // 12)
    folder = root / "opt/app/lib/python3.11/site-packages"
    for number in range(count):
        info = folder / f"pack{number}-1.{number}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: pack{number}\nVersion: 1.{number}\n\n{text}\n"
        )
    return root


def advisory(identifier, ecosystem, package, fixed, vector=None):
    """An OSV record: everything below `fixed` is affected."""
    return {
        "schema_version": "1.6.0",
        "id": identifier,
        "modified": "2026-01-01T00:00:00Z",
        "summary": "record of a test",
        "severity": [{"type": "CVSS_V3", "score": vector}] if vector else [],
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": package},
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}
                ],
            }
        ],
    }
