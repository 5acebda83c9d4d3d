# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives in user space, whose firmware obeys, fails or lies as a test wants."""
