#!/usr/bin/env bash
# Measures everything that docs/evaluation.md reports and writes the figures into it, between their marks.
# usage: docs/evaluation.sh FOLDER   where FOLDER/data holds the data sets and FOLDER/tools/to_catalog.py turns them into feeds
set -euo pipefail
shared=$(cd "${1:?usage: docs/evaluation.sh FOLDER}" && pwd)
cd "$(dirname "$0")/.."
cargo build --release --locked
daogou=$PWD/target/release/daogou
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Puts standard input between the marks of a section.
section() {
    cat >"$work/section"
    awk -v name="$1" -v file="$work/section" '
        $0 == "<!-- begin " name " -->" { print; print ""; while ((getline line < file) > 0) print line; print ""; inside = 1; next }
        $0 == "<!-- end " name " -->" { inside = 0 }
        !inside { print }' docs/evaluation.md >"$work/page"
    cp "$work/page" docs/evaluation.md
}

code() { printf '```text\n'; cat; printf '```\n'; }

"$daogou" eval --definitions | code | section definitions
"$daogou" --data "$work/sample" eval tests/questions/{zh-turns,en-turns,dialogues}.jsonl 2>/dev/null | sed '/cases failed$/,$d' | code | section questions
for name in chorus-electronics zh-ecom-mini; do
    python3 "$shared/tools/to_catalog.py" "$shared/data/$name" >"$work/feed.jsonl"
    "$daogou" --data "$work/$name" import --replace-all "$work/feed.jsonl" >/dev/null 2>&1
    judged=(--queries "$shared/data/$name/queries.tsv.gz" --qrels "$shared/data/$name/qrels.tsv.gz")
    "$daogou" --data "$work/$name" eval retrieval "${judged[@]}" 2>/dev/null | sed '/^Definitions/,$d' | code | section "$name"
    "$daogou" --data "$work/$name" eval retrieval "${judged[@]}" --ablate 2>/dev/null | section "$name-ablation"
done
for lang in en zh; do
    "$daogou" --data "$work/sample" eval understanding --labels "tests/questions/labels/natural-$lang.jsonl" --sources "$shared/data" 2>/dev/null | section "understanding-$lang"
done
