# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(http1 sidecar_http base)
