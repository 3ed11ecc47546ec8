#!/usr/bin/env bash
# Runs every test. The last line is "N passed, N failed"; the exit code is 1 when anything failed or nothing ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

passed=0
failed=0
finish() {
  if [ $((passed + failed)) -eq 0 ]; then
    failed=1 # nothing ran: that is no success
  fi
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}
give_up() {
  echo "test.sh: $1"
  failed=$((failed + 1))
  finish
}

if ! command -v dotnet >/dev/null && [ -x "$HOME/.dotnet/dotnet" ]; then
  export DOTNET_ROOT=$HOME/.dotnet PATH=$HOME/.dotnet:$PATH
fi
case $'\n'$(dotnet --list-sdks 2>/dev/null) in
  *$'\n10.'*) ;;
  *) give_up "needs the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0" ;;
esac
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false # build servers would hold the output open after the end

# The official JavaScript clients talk to the server in tests/clients: they need node and npm.
missing=()
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
# Every sample that a page prints is run, and the pages are driven with the system's Chromium.
for program in curl python3; do command -v $program >/dev/null || missing+=($program); done
command -v php >/dev/null || missing+=(php-cli)
command -v chromium >/dev/null || missing+=(chromium)
# Images are decoded by libvips. ldconfig is in a folder that is not on everybody's path.
PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q 'libvips\.so\.42' || missing+=(libvips42)
# The metering tests start a PostgreSQL of their own, for as long as they run.
{ compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb; } >/dev/null || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ]; then
  sudo=()
  if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
  if ! command -v apt-get >/dev/null || { [ ${#sudo[@]} -gt 0 ] && ! command -v sudo >/dev/null; }; then
    give_up "needs node, npm, curl, Python, PHP, Chromium, libvips and PostgreSQL (missing: ${missing[*]}): install them and run it again."
  fi
  echo "Installing ${missing[*]} …"
  "${sudo[@]}" apt-get update -qq
  # Ubuntu 24.04 and Debian 13 have another name for the same library.
  apt-cache show libvips42 >/dev/null 2>&1 || missing=("${missing[@]/libvips42/libvips42t64}")
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || give_up "apt-get could not install ${missing[*]}: install them and run it again."
fi
for folder in tests/clients tests/clients/claude-code tests/browser; do
  if [ ! $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]; then
    npm ci --prefix $folder --no-audit --no-fund --silent || give_up "npm ci failed in $folder: see above."
  fi
done

echo "Building …"
dotnet restore Tramontane.slnx --nologo -v quiet || give_up "dotnet restore failed: see above."
dotnet build Tramontane.slnx -c Release --no-restore --nologo -v quiet || give_up "the build failed: see above."

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# run NAME PROJECT: one test run, counted from its result file. A run that crashes counts as one failure.
run() {
  local name=$1 project=$2 file="$results/$1.trx" code counters ok bad
  echo
  echo "== $name"
  dotnet test "$project" -c Release --no-build --nologo --results-directory "$results" \
    --logger "trx;LogFileName=$1.trx" --logger "console;verbosity=minimal"
  code=$?
  counters=$(grep -o '<Counters [^>]*>' "$file" 2>/dev/null | head -n 1)
  ok=$(sed -n 's/.* passed="\([0-9]*\)".*/\1/p' <<<"$counters")
  bad=$(sed -n 's/.* failed="\([0-9]*\)".*/\1/p' <<<"$counters")
  ok=${ok:-0}
  bad=${bad:-0}
  if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$ok" -eq 0 ]; }; then
    echo "test.sh: the run of $name ended with exit code $code after $ok passed tests."
    bad=1
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
}

for project in tests/*.Tests/*.csproj; do
  run "$(basename "$project" .csproj)" "$project"
done

# The kernels again on lesser processors: every path must give its results without the wider instructions.
for variable in DOTNET_EnableAVX512 DOTNET_EnableAVX2 DOTNET_EnableHWIntrinsic; do
  export "$variable=0"
  run "Tramontane.Compute.Tests-without-${variable#DOTNET_Enable}" tests/Tramontane.Compute.Tests/Tramontane.Compute.Tests.csproj
  unset "$variable"
done

echo
finish
