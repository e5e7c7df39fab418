"""Opens a workbook in LibreOffice, types into cells as a person would, and saves it as .xlsx.

Run by the system's Python, which has LibreOffice's modules: FILE SAVED CELLS, where CELLS is JSON: [[sheet, place, what
is typed], …]. What is typed is taken as the program takes it: a date becomes a date, a number a number.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def property_(name: str, value):
    from com.sun.star.beans import PropertyValue

    found = PropertyValue()
    found.Name, found.Value = name, value
    return found


def connect(pipe: str):
    import uno

    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _try in range(120):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            time.sleep(0.5)
    raise SystemExit("LibreOffice does not answer")


def edit(office, file: str, saved: str, cells: list) -> None:
    desktop = office.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", office)
    book = desktop.loadComponentFromURL(Path(file).as_uri(), "_blank", 0, (property_("Hidden", True),))
    for sheet, place, typed in cells:
        cell = book.Sheets.getByName(sheet).getCellRangeByName(place)
        if "\n" in typed:
            cell.setString(typed)
        else:
            cell.setFormula(typed)
    book.storeToURL(Path(saved).as_uri(), (property_("FilterName", "Calc MS Excel 2007 XML"),))
    book.close(True)
    desktop.terminate()


def main(file: str, saved: str, cells: str) -> None:
    with tempfile.TemporaryDirectory() as profile:
        pipe = Path(profile).name
        command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{profile}/profile"]
        with subprocess.Popen([*command, f"--accept=pipe,name={pipe};urp;"]) as process:
            try:
                edit(connect(pipe), file, saved, json.loads(cells))
                process.wait(30)
            finally:
                process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
