/* What a report leaves for the CI system it runs in. */
#ifndef REPORT_CI_H
#define REPORT_CI_H

#include "base/buf.h"
#include "base/err.h"
#include "report/output.h"

/*
 * GitHub Actions: appends Markdown to the file that GITHUB_STEP_SUMMARY names
 * (a part of it, when there is more than GitHub takes) and outputs to that of
 * GITHUB_OUTPUT; and the workflow commands ::warning and ::error, to be
 * printed, to b. A variable that is not set is told in *missing, else NULL.
 * 0, or -1 with the cause in e.
 */
int ci_github(struct buf *b, const struct output *o, const char **missing,
    struct err *e);

/*
 * GitLab: aitrace-metrics.txt (artifacts:reports:metrics) and aitrace.env
 * (artifacts:reports:dotenv) in the folder. 0, or -1 with the cause in e.
 */
int ci_gitlab(const char *folder, const struct output *o, struct err *e);

#endif
