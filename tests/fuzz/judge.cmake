# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(judge tester_judge)
