// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/*
 * The folder `path` as seen from the folder `from` of a tree, without "." and ".."; "" is the top.
 * NULL: it leads out of the tree. Pure, by the text alone: in a tree no symlink is followed.
 */
char *tree_path_join(const char *from, const char *path);
