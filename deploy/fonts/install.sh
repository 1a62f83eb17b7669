#!/bin/sh
# Puts the fonts of the documents and their licences into esign/documents/fonts/. Safe to run again: does nothing when they are there.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target="$here/../../esign/documents/fonts"
stamp="$target/.installed"
wanted=$(cksum < "$here/package-lock.json")

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  complete=1
  for name in NotoSerifSC_400Regular.ttf NotoSerifSC_700Bold.ttf NotoSerifJP_400Regular.ttf OFL-NotoSerifSC.txt OFL-NotoSerifJP.txt; do
    [ -s "$target/$name" ] || complete=0
  done
  [ "$complete" = 1 ] && exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cp "$here/package.json" "$here/package-lock.json" "$work/"
[ ! -f "$here/.npmrc" ] || cp "$here/.npmrc" "$work/"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error)

mkdir -p "$target"
sc="$work/node_modules/@expo-google-fonts/noto-serif-sc"
jp="$work/node_modules/@expo-google-fonts/noto-serif-jp"
install -m 644 "$sc/400Regular/NotoSerifSC_400Regular.ttf" "$sc/700Bold/NotoSerifSC_700Bold.ttf" "$target/"
install -m 644 "$jp/400Regular/NotoSerifJP_400Regular.ttf" "$target/"
install -m 644 "$sc/LICENSE_FONT" "$target/OFL-NotoSerifSC.txt"
install -m 644 "$jp/LICENSE_FONT" "$target/OFL-NotoSerifJP.txt"
printf '%s\n' "$wanted" > "$stamp"
echo "fonts installed in esign/documents/fonts"
