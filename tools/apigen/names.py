"""Names of the API in the spelling of C++."""

import re

_KEYWORDS = frozenset(
    "and asm auto bool break case catch char class const continue default delete do double else enum "
    "explicit export extern false float for friend goto if inline int long mutable namespace new not "
    "operator or private protected public register return short signed sizeof static struct switch "
    "template this throw true try typedef union unsigned using virtual void volatile while xor".split()
)

# Words in capitals that stay so; others shout only in the API.
_ACRONYMS = frozenset(("AWS", "GCP", "SBOM"))


def capitalised(name):
    """'infoFinder' is 'InfoFinder': the canonical order of members is the order of these."""
    return name[:1].upper() + name[1:]


def member(name):
    """'assetIDs' is 'asset_ids', 'sizeGB' 'size_gb', '@odata.nextLink' 'odata_next_link'."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    name = re.sub(r"([A-Z]{2,})s(?=$|_|[A-Z])", lambda m: m[1].capitalize() + "s", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return name + "_" if name in _KEYWORDS else name


def enumerator(word):
    """'InProgress' is 'kInProgress', 'CRITICAL' 'kCritical', 'AWS' 'kAWS'."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", word)
    if word.isupper() and word not in _ACRONYMS:
        word = word.capitalize()
    return "k" + capitalised(word)
