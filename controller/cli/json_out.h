// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* JSON documents of commands, on standard output. */
#include <jansson.h>
#include <stdio.h>

void json_put(json_t *object, const char *key, json_t *value); // takes the value; NULL is null

/* A foreign text: what is no UTF-8 or no character to be shown appears as \xNN. NULL is null. */
json_t *json_escaped(const char *text);

void json_print(json_t *document);		   // and frees it
void json_print_line(json_t *event, FILE *stream); // the same, in one line
