#!/usr/bin/env bash
# Makes sure that the tests of the interface have a Chromium, on a bare Debian by apt; says what is missing elsewhere.
# Run: bash scripts/install_browser.sh (SHICI_CHROMIUM=/path/to/chromium takes another one)
set -euo pipefail

packages=(chromium fonts-wqy-microhei) # the pages bring a face of their own; the font is for what it lacks

if [ -n "${SHICI_CHROMIUM:-}" ]; then
    [ -x "$SHICI_CHROMIUM" ] && exit 0
    echo "错误：SHICI_CHROMIUM=$SHICI_CHROMIUM 不是能运行的程序。" >&2
    echo "Error: SHICI_CHROMIUM=$SHICI_CHROMIUM cannot be run." >&2
    exit 1
fi
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "安装 ${packages[*]} / installing ${packages[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
    exit 0
fi
echo "错误：界面的测试要用 Chromium，没有找到。请运行：sudo apt-get install ${packages[*]}" >&2
echo "Error: the tests of the interface need Chromium. Run: sudo apt-get install ${packages[*]}" >&2
exit 1
