// SPDX-License-Identifier: GPL-3.0-or-later
// The implementation of doctest and its main(), alone: it is slow to compile, above all with
// sanitizers.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
