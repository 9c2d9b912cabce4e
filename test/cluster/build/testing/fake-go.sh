#!/bin/sh
# Stands in for go: what it "builds" is a line of text. $FAKE_GO is a folder of its own:
#   calls        what it was asked for, a line each
#   module/      the module that every package is in
#   hold-NAME    while this is there, the build of that program does not end
#   fail-NAME    the build of that program fails with this text
PATH=/usr/bin:/bin
case "$1" in
env) echo "${FAKE_GO_VERSION:-go1.26.8}"; exit ;;
list) echo "$FAKE_GO/module"; exit ;;
build) ;;
*) echo "fake go: what is $1?" >&2; exit 2 ;;
esac
while [ "$1" != -o ]; do
  case "$1" in -ldflags=*) flags=$1 ;; esac
  shift
done
target=$2 package=$3 name=${2##*/}
echo "$name $package $flags" >>"$FAKE_GO/calls"
echo "go: downloading example.com/dependency v1.0.0" >&2
if [ "$package" = github.com/fluxcd/flux2/v2/cmd/flux ] && ! [ -e cmd/flux/manifests/placeholder.yaml ]; then
  echo "cmd/flux/manifests.embed.go: pattern manifests/*.yaml: no matching files found" >&2
  exit 1
fi
if [ -e "$FAKE_GO/fail-$name" ]; then
  cat "$FAKE_GO/fail-$name" >&2
  exit 1
fi
echo $$ >"$FAKE_GO/at-$name"
while [ -e "$FAKE_GO/hold-$name" ]; do sleep 0.05; done
mkdir -p "${target%/*}"
echo "$package $GOOS/$GOARCH $GOFLAGS $GOTOOLCHAIN cgo=$CGO_ENABLED proxy=$GOPROXY" >"$target"
chmod +x "$target"
