"""The interface: `streamlit run GPT_show.py`, or `streamlit run GPT_show.py -- --out_dir=out-poetry`."""

from __future__ import annotations

import sys

import streamlit as st

from shici.app import navigation
from shici.app.components import FOLDER, hear, read
from shici.app.language import Text
from shici.app.masthead import excuse
from shici.app.state import session_of
from shici.config.parse import parse_settings
from shici.config.sample import SampleSettings
from shici.errors import ShiciError

WAITING = Text("正在算……", "Working …")
SEAL = FOLDER.parent / "static" / "seal.svg"


def run() -> None:
    """One run of the script: settings from the command line, the bar of pages, the page."""
    st.set_page_config(page_title="古诗词 nanoGPT", page_icon=str(SEAL), layout="wide")
    st.logo(str(SEAL), size="large")
    st.html(f"<style>{read('streamlit.css')}</style>")
    try:
        session = session_of(settings())
    except ShiciError as error:
        st.error(f"{error.zh}\n\n{error.en}")
        return
    with st.spinner(WAITING.said(session.language)):
        hear()
        pages = navigation.pages(session.language)
        page = st.navigation([*pages, navigation.by_name(pages[0])], position="top")
        try:
            page.run()
        except ShiciError as error:
            excuse(error, session)


def settings() -> SampleSettings:
    """What follows `--` on the command line; the same settings as sample.py's. Raises ShiciError."""
    return parse_settings(SampleSettings, sys.argv[1:], prog="GPT_show.py")
