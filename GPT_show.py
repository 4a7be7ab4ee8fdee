"""The interface. Run: streamlit run GPT_show.py"""

import sys

from streamlit import runtime

from shici.app.page import page

if runtime.exists():
    page()
elif __name__ == "__main__":
    print("请用 streamlit run GPT_show.py 打开。\nOpen it with: streamlit run GPT_show.py", file=sys.stderr)
    sys.exit(2)
