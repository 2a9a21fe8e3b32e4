# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(mcp_message tester_judge)
