# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(edge_map sidecar_edges)
