"""The interface. Run: streamlit run GPT_show.py, or with settings of sample.py's behind `--`:

streamlit run GPT_show.py -- --out_dir=out-poetry --start=白日依山尽，
"""

import sys

from streamlit import runtime

if runtime.exists():
    from shici.app.main import run

    run()
elif __name__ == "__main__":
    print("请用 streamlit run GPT_show.py 打开。\nOpen it with: streamlit run GPT_show.py", file=sys.stderr)
    sys.exit(2)
