# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(log_render logs_view)
