"""Chinese is complete, says the same with the same placeholders, and is really shown."""

import json
import re
import string

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QDialogButtonBox, QMainWindow

from engine.errors import InputError
from engine.photo_files import open_photo
from studio import languages
from studio.actions import COMMANDS, make_actions
from studio.languages import Catalogue
from studio.settings import Settings
from studio.shortcuts import Shortcuts
from studio.shortcuts_dialog import ShortcutsDialog
from tests.unit.sources import sentences, texts, unclear

SAME = {"English", "简体中文", "MB", "GIF…", "MP4…"}
"""Texts that are written alike in both languages."""


@pytest.fixture
def chinese():
    return languages.read("zh_CN")[0]


@pytest.fixture
def errors():
    return languages.read("zh_CN")[1]


@pytest.fixture
def speaking(qapp):
    """The application speaks Chinese during a test."""
    before, locale = qapp.findChildren(QTranslator), QLocale()
    assert languages.install(qapp, "zh_CN") == "zh_CN"
    yield
    for made in qapp.findChildren(QTranslator):
        if made not in before:
            qapp.removeTranslator(made)
    QLocale.setDefault(locale)


def fields(text):
    """The placeholders of a text, with how they are formatted."""
    return sorted(
        (name, form, conversion)
        for _, name, form, conversion in string.Formatter().parse(text)
        if name is not None
    )


def test_every_text_of_the_studio_has_its_chinese(chinese):
    missing = {text: where[0] for text, where in texts().items() if text not in chinese}
    assert not missing


def test_no_translation_is_left_of_texts_that_are_gone(chinese):
    assert set(chinese) <= set(texts())


def test_placeholders_agree(chinese):
    differ = {t: c for t, c in chinese.items() if fields(t) != fields(c)}
    assert not differ


def test_errors_are_those_of_the_source_with_the_same_placeholders(errors):
    assert set(errors) <= sentences()
    differ = {t: c for t, c in errors.items() if fields(t) != fields(c)}
    assert not differ


def test_real_errors_are_told_in_chinese(qapp, speaking, tmp_path):
    (tmp_path / "空.png").write_bytes(b"")
    for path in (tmp_path / "空.png", tmp_path / "gone (1).png"):
        with pytest.raises(InputError) as raised:
            open_photo(path)
        told = languages.spoken(str(raised.value))
        assert told.endswith("。") and str(path) in told and "no file" not in told


def test_errors_within_errors_and_advice_are_told_too(qapp, speaking):
    inner = "walk.json cannot be used: it shows no person."
    assert languages.spoken(inner) == "无法使用 walk.json：其中没有人物。"
    advised = "Memory ran out. Close other programs, or paint a smaller picture."
    assert languages.spoken(advised) == "内存不足。请关闭其他程序，或绘制较小的图片。"
    assert languages.spoken("Nobody wrote {this} (down).") == "Nobody wrote {this} (down)."


def test_translations_are_chinese(chinese):
    han = re.compile("[\u4e00-\u9fff]")
    plain = {t for t, c in chinese.items() if not han.search(c) and re.search("[A-Za-z]{2}", t)}
    assert plain <= SAME


def test_spaces_at_the_ends_and_ellipses_are_kept(chinese):
    for text, own in chinese.items():
        assert (text[0] == " ") == (own[0] == " ") and (text[-1] == " ") == (own[-1] == " ")
        assert text.endswith("…") == own.endswith("…"), text


def test_sentences_end_as_chinese_sentences(chinese):
    for text, own in chinese.items():
        if text.endswith(".") and " " in text:
            assert own.endswith("。"), text


def test_texts_that_are_no_literals_come_from_known_tables():
    tables = {
        "actions.py",
        "dialogs.py",
        "languages.py",
        "panels/look_pages.py",
        "panels/looks.py",
        "panels/models_card.py",
        "panels/models_shelf.py",
        "panels/topbar.py",
        "panels/train_words.py",
        "preferences.py",
        "settings.py",
        "shortcuts.py",
        "training/names.py",
        "training/recipes.py",
        "window.py",
    }
    assert {place.split(":")[0] for place in unclear()} <= tables


def test_menus_dialogs_and_qts_own_words_speak_it(qapp, qtbot, speaking):
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = make_actions(window, COMMANDS, lambda *_: None)
    assert actions["undo"].text() == "撤销"
    dialog = ShortcutsDialog(window, Shortcuts(actions, Settings()), {})
    assert dialog.reset_all_button.text() == "全部重置"
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    assert buttons.buttons()[0].text() == "取消"


def test_a_text_without_translation_stays_english(qapp, speaking):
    assert QCoreApplication.translate("Any", "Not in any file") == "Not in any file"


def test_parts_of_the_program_share_their_words(qapp):
    catalogue = Catalogue({"Look": "外观"})
    assert qapp.installTranslator(catalogue)
    try:
        assert {QCoreApplication.translate(c, "Look") for c in ("Command", "Other")} == {"外观"}
    finally:
        qapp.removeTranslator(catalogue)


@pytest.mark.parametrize(
    ("choice", "wanted", "code"),
    [
        ("system", ["zh-Hans-CN"], "zh_CN"),
        ("system", ["zh-CN", "en-US"], "zh_CN"),
        ("system", ["zh-SG"], "zh_CN"),
        ("system", ["en-GB", "zh-CN"], "en"),
        ("system", ["de-DE", "zh-CN"], "zh_CN"),
        ("system", ["zh-TW"], "en"),
        ("system", ["C"], "en"),
        ("system", [], "en"),
        ("zh_CN", ["en-US"], "zh_CN"),
        ("en", ["zh-CN"], "en"),
        ("xx", ["zh-CN"], "en"),
    ],
)
def test_the_language_follows_the_choice_or_the_system(choice, wanted, code):
    assert languages.resolved(choice, wanted) == code


def test_a_damaged_file_leaves_english(qapp, tmp_path, monkeypatch):
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    (tmp_path / "zh_CN.json").write_text(
        json.dumps({"language": "x", "messages": [1], "errors": {}})
    )
    assert languages.install(qapp, "zh_CN") == "en"
    assert QCoreApplication.translate("Any", "Undo") == "Undo"
