#!/usr/bin/env bash
# Rules of the house that a compiler does not know. Looks only at tracked files; says where and why.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

broken=0
found() { broken=1; printf '%s\n%s\n\n' "$1" "$2"; }

# 1. Short files: one subject each.
long=$(git ls-files -z '*.rs' '*.ts' '*.mjs' '*.js' '*.sh' '*.sql' | xargs -0 -r wc -l | awk '$2 != "total" && $1 > 600')
[[ -z $long ]] || found "Files of more than 600 lines; split them by subject:" "$long"

# 2. No mod.rs, no utils: a module is named after what it is about.
names=$(git ls-files | grep -E '(^|/)(mod|utils?|helpers?)\.rs$' || true)
[[ -z $names ]] || found "Names that say nothing:" "$names"

# 3. Every Rust file opens with what lives there and what does not.
silent=$(git ls-files -z '*.rs' | xargs -0 -r awk 'FNR == 1 && !/^\/\/!/ { print FILENAME }')
[[ -z $silent ]] || found "Rust files without a //! line at the top:" "$silent"

# 4. Nothing of one person's machine, and no registry's address: a lock file is good everywhere.
# (The words are written apart, so that this file does not find itself.)
machine='/home/[a-z]+/|/roo''t/|/wo''rk/(main|shared|target)|registry\.npm''js|static\.crates\.io|files\.pythonho''sted|deb\.debian\.o''rg'
places=$(git grep -nIE "$machine" -- . ':!LICENSE' || true)
[[ -z $places ]] || found "Machine paths or registry hosts:" "$places"

# 5. Unfinished work does not land.
marks=$(git grep -nE '\b(todo|unimplemented)!\(|\b(FIX''ME|XX''X)\b' -- '*.rs' '*.ts' '*.mjs' '*.js' '*.sh' '*.sql' '*.css' || true)
[[ -z $marks ]] || found "Marks of unfinished work:" "$marks"

if ((broken)); then exit 1; fi
say "Rules hold."
