#!/usr/bin/env bash
# Makes a virtual environment, also on a bare Debian where python3-venv is missing.
# Run: PYTHON=python3.11 bash scripts/make_venv.sh .venv
set -euo pipefail

folder=${1:?folder of the environment}

if [ -z "${PYTHON:-}" ]; then
    echo "错误：找不到 Python 3.11 或更新的版本。请安装，例如 apt-get install python3 python3-venv" >&2
    echo "Error: no Python 3.11 or newer found. Install one, e.g. apt-get install python3 python3-venv" >&2
    exit 1
fi

# Debian ships `venv` without `ensurepip` unless python3-venv is installed.
if ! "$PYTHON" -c 'import venv; from ensurepip import bootstrap' 2>/dev/null; then
    package=$("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "安装 $package / installing $package"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$package" >/dev/null
    else
        echo "错误：缺少 $package。请运行：sudo apt-get install $package" >&2
        echo "Error: $package is missing. Run: sudo apt-get install $package" >&2
        exit 1
    fi
fi
rm -rf "$folder"
"$PYTHON" -m venv "$folder"
