/* The lines that join a span to its parent. */
#ifndef VIEW_BRANCH_H
#define VIEW_BRANCH_H

#include <stdbool.h>
#include <stddef.h>

#include "view/draw.h"

/*
 * Draws what stands in front of a span's row, or with below of the rows that
 * belong to it. Of a span deeper than the name column can show, the depth
 * stands as a number before the innermost levels. Returns the columns.
 */
size_t branch_put(struct draw *d, const struct node *n, bool below);

#endif
