/*
 * Who may send: a token for everything, a Langfuse key pair for the paths of
 * Langfuse. Compared in a time that tells nothing about how much was right.
 */
#ifndef RECV_AUTH_H
#define RECV_AUTH_H

#include <stdbool.h>

#include "base/err.h"

struct auth;

/*
 * token_file: NULL or a file as for cred_file; langfuse: the pair that the
 * environment names (cred_load). NULL with the cause in e.
 */
struct auth *auth_new(const char *token_file, bool langfuse, struct err *e);

/* Wipes and frees. */
void auth_free(struct auth *a);

/*
 * May the sender of this Authorization header (NULL: none) do it? The token
 * comes as "Bearer TOKEN", or as the password of "Basic"; the key pair as
 * "Basic", for the paths of Langfuse only. Where nothing is configured for a
 * path, everybody may.
 */
bool auth_ok(const struct auth *a, bool langfuse_path, const char *header);

bool auth_has_token(const struct auth *a);

#endif
