#!/usr/bin/env bash
# Lays a real Godot 4 out in one folder, from Debian's package and the libraries that it needs: get_godot.sh FOLDER
#
# Nothing of the system is changed: apt works on a state of its own in which nothing is installed, the packages are
# unpacked side by side, and FOLDER/godot starts the program with that tree's own loader. The mirror is the one that
# apt uses. Needs apt-get and dpkg-deb; no root.
set -euo pipefail
folder=$1
suite=${GODOT_SUITE:-forky}
if [[ -x $folder/godot ]] && "$folder/godot" --version >/dev/null 2>&1; then
  exit 0
fi
mirror=$(apt-get indextargets --format '$(SITE) $(REPO_URI)' 'Created-By: Packages' | awk '$2 ~ /debian\/?$/ {print $2; exit}')
if [[ -z $mirror ]]; then
  echo "apt knows no mirror of Debian: run apt-get update first" >&2
  exit 1
fi
mkdir -p "$folder"
work=$(mktemp -d "$folder/new.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/{lists,cache}/partial "$work"/apt/cache/archives/partial "$work"/apt/conf.d "$work"/tree/usr/{bin,sbin,lib,lib64}
touch "$work/apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/apt/sources"
cat >"$work/apt/conf" <<CONF
Dir::State "$work/apt";
Dir::State::status "$work/apt/status";
Dir::State::lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/sources";
Dir::Etc::sourceparts "-";
Dir::Etc::parts "$work/apt/conf.d";
Dir::Etc::preferencesparts "-";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "3";
Debug::NoLocking "true";
CONF
export APT_CONFIG=$work/apt/conf
apt-get -qq update
apt-get -qq --yes --download-only install godot >/dev/null
# Every library of a merged /usr lies in usr/lib, whichever path its package uses.
for name in bin sbin lib lib64; do
  ln -s "usr/$name" "$work/tree/$name"
done
for package in "$work"/apt/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" |
    tar -x -C "$work/tree" --keep-directory-symlink --no-same-owner --exclude='./usr/share/doc' --exclude='./usr/share/man'
done
cd "$work/tree"
loader=$(find usr/lib64 usr/lib -name 'ld-linux-*.so.?' -print -quit)
libraries=$(dirname "$(find usr/lib -name libc.so.6 -print -quit)")
cat >"$work/godot" <<PROGRAM
#!/bin/sh
tree=\$(dirname "\$(readlink -f "\$0")")/tree
exec "\$tree/$loader" --argv0 godot --library-path "\$tree/$libraries:\$tree/$libraries/pulseaudio:\$tree/usr/lib" \\
  "\$tree/usr/bin/godot" "\$@"
PROGRAM
chmod +x "$work/godot"
cd - >/dev/null
rm -rf "$folder/tree" "$folder/godot"
mv "$work/tree" "$work/godot" "$folder/"
"$folder/godot" --version
