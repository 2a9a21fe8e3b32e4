# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(ignore package base)
