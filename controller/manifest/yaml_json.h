// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A YAML value as JSON text (YAML 1.2 core schema; numbers that JSON cannot hold stay texts). */
#include "controller/manifest/yaml.h"

char *yaml_to_json(const struct yaml_node *value); // the caller frees
