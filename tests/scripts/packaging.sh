#!/bin/sh
# Is what scripts/packaging holds sound, as far as that can be seen without
# building or installing anything?  scripts/check-package does the rest.
set -eu
cd "$(dirname "$0")/../../scripts/packaging"

status=0
complain()
{
    echo "scripts/packaging/$*"
    status=1
}

for script in debian/p* away try-package; do
    sh -n "$script" || complain "$script: no shell script"
done

# Settings, also those that are commented out, are settings that there are.
settings=../../docs/storm-settings.md
for file in storm.yaml kubernetes/config.yaml; do
    keys=$(sed -n 's/^ *#\{0,1\}\([a-z]*\.[a-z.]*\): .*/\1/p' "$file" |
        grep -v '^storm\.yaml$')
    [ -n "$keys" ] || complain "$file: no settings"
    for key in $keys; do
        grep -qF "| \`$key\` |" "$settings" ||
            complain "$file: no setting '$key'"
    done
done

if command -v yamllint >/dev/null; then
    rules='{extends: relaxed, rules: {line-length: disable}}'
    yamllint -s -d "$rules" storm.yaml kubernetes/*.yaml || status=1
else
    echo "yamllint is not installed: skipped"
fi

if command -v systemd-analyze >/dev/null; then
    units=$(mktemp -d)
    trap 'rm -rf "$units"' EXIT
    for unit in nimbus supervisor drpc; do
        sed -e 's|^ExecStart=@bindir@/gale|ExecStart=/bin/true|' \
            -e '/^Documentation=/d' "gale-$unit.service.in" \
            >"$units/gale-$unit.service"
        systemd-analyze verify "$units/gale-$unit.service" \
            >"$units/said" 2>&1 || :
        ! grep "^gale\|/gale-" "$units/said" ||
            complain "gale-$unit.service.in: see above"
    done
else
    echo "systemd-analyze is not installed: skipped"
fi
exit $status
