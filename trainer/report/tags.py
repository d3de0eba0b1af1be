"""HTML elements; text is always escaped."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Content = Element | str | None


def el(tag: str, *children: Content | Iterable[Content], **attributes: str | float) -> Element:
    """An element; None among its children is left out.

    Args:
        attributes: a trailing underscore is dropped (class_), other underscores become hyphens.
    """
    made = Element(tag, {_name(key): str(value) for key, value in attributes.items()})
    for child in children:
        several = [child] if child is None or isinstance(child, Element | str) else child
        for one in several:
            _append(made, one)
    return made


def page(root: Element) -> str:
    """A whole document."""
    return "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _append(parent: Element, child: Content) -> None:
    if isinstance(child, Element):
        parent.append(child)
    elif child and len(parent):
        parent[-1].tail = (parent[-1].tail or "") + child
    elif child:
        parent.text = (parent.text or "") + child
