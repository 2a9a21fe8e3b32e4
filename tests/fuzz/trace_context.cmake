# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(trace_context sidecar_http base)
