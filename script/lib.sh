# Shared by the programs in script/; to be sourced. Sets $top, the checkout, and goes there.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"

# Debian's own Python: the packages of script/setup belong to it, not to one that a version manager
# puts first in PATH.
python=/usr/bin/python3

step() { printf '== %s\n' "$*" >&2; }
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
usage_error() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 2; }

# The comment block at the top of the calling script is its help.
show_help() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

program_of() { echo "$top/build/$1/apps/vmsecurity/vmsecurity"; }
