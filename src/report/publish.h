/* A finished report goes out, and what follows from it is done. */
#ifndef REPORT_PUBLISH_H
#define REPORT_PUBLISH_H

#include "record/stage.h"
#include "report/conf.h"

/*
 * Writes the report in the form that was asked for, to where it was asked
 * for, leaves what the CI system takes, and looks after the budget. An exit
 * code; io->status is that of a budget too.
 */
int publish(const struct conf *x, struct report *r, struct stage_io *io);

#endif
