#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""swift-flags.py TARGET <PACKAGE: what a package sets for a target, as options of swiftc, a line each.

PACKAGE is what `swift package dump-package` prints. A setting that has no spelling here fails.
"""

import json
import sys

OPTIONS = {
    "enableUpcomingFeature": lambda name: ["-enable-upcoming-feature", name],
    "strictMemorySafety": lambda: ["-strict-memory-safety"],
    "treatAllWarnings": lambda level: {"error": ["-warnings-as-errors"]}[level],
}


def flags(package, name):
    yield "-swift-version"
    yield from package["swiftLanguageVersions"]
    target = next(target for target in package["targets"] if target["name"] == name)
    for setting in target["settings"]:
        # What has a condition is about optimization: whoever typechecks leaves it out.
        if "condition" not in setting:
            ((kind, values),) = setting["kind"].items()
            yield from OPTIONS[kind](*values.values())


print(*flags(json.load(sys.stdin), sys.argv[1]), sep="\n")
