/* What the output can show. */
#ifndef VIEW_TERM_H
#define VIEW_TERM_H

#include <stdbool.h>
#include <stddef.h>

enum term_color { TERM_AUTO, TERM_ALWAYS, TERM_NEVER };

/*
 * Columns of the output: wanted if not 0, else the environment's COLUMNS,
 * else what the terminal fd says, else 80.
 */
size_t term_width(int fd, size_t wanted);

/*
 * TERM_AUTO: yes on a terminal that is not "dumb", unless NO_COLOR is set to
 * anything but an empty text (https://no-color.org/).
 */
bool term_color(int fd, enum term_color mode);

#endif
