"""Opens a workbook in LibreOffice, types into cells as a person would, and saves it as .xlsx."""

import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

SOFFICE = shutil.which("soffice")
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/Office">
 <prop oor:name="ooSetupInstCompleted" oor:op="fuse"><value>true</value></prop></item></oor:items>
"""  # otherwise it puts its own empty library in the place of this one
LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
 <library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple"
  library:link="false"/></library:libraries>
"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard"
 library:readonly="false" library:passwordprotected="false"><library:element library:name="Edit"/></library:library>
"""
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Edit"
 script:language="StarBasic">{}</script:module>
"""
MACRO = """
Sub Main
  Dim how(0) As New com.sun.star.beans.PropertyValue
  how(0).Name = "Hidden" : how(0).Value = True
  book = StarDesktop.loadComponentFromURL({taken}, "_blank", 0, how())
  {typing}
  how(0).Name = "FilterName" : how(0).Value = "Calc MS Excel 2007 XML"
  book.storeToURL({saved}, how())
  book.close(True)
  StarDesktop.terminate()
End Sub
"""
CELL = "book.Sheets.getByName({}).getCellRangeByName({}).{}({})"


def saved_by_libreoffice(content: bytes, folder: Path, *cells: tuple[str, str, str]) -> bytes:
    """`cells`: (sheet, place, what is typed), taken as the program takes it: a date becomes a date, a number a number.

    A macro does it, in a profile of its own, of which LibreOffice says itself when it is done.
    """
    taken, saved, profile = folder / "taken.xlsx", folder / "saved.xlsx", folder / "profile"
    taken.write_bytes(content)
    basic = profile / "user" / "basic" / "Standard"
    basic.mkdir(parents=True, exist_ok=True)
    (basic.parents[1] / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
    (basic.parent / "script.xlc").write_text(LIBRARIES, encoding="utf-8")
    (basic / "script.xlb").write_text(LIBRARY, encoding="utf-8")
    typing = "\n".join(_typing(*cell) for cell in cells)
    macro = MACRO.format(taken=_basic(taken.as_uri()), saved=_basic(saved.as_uri()), typing=typing)
    (basic / "Edit.xba").write_text(MODULE.format(escape(macro)), encoding="utf-8")
    command = [str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    subprocess.run([*command, "macro:///Standard.Edit.Main"], check=True, capture_output=True, timeout=120)
    return saved.read_bytes()


def _typing(sheet: str, place: str, typed: str) -> str:
    how = "setString" if "\n" in typed else "setFormula"
    return CELL.format(_basic(sheet), _basic(place), how, _basic(typed))


def _basic(text: str) -> str:
    """A literal of Basic."""
    quoted = text.replace('"', '""').replace("\n", '" & Chr(10) & "')
    return f'"{quoted}"'
