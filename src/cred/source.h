/* Where a person keeps a key pair, besides files and the environment. */
#ifndef CRED_SOURCE_H
#define CRED_SOURCE_H

#include "base/err.h"
#include "net/cred.h"

/*
 * 1Password: `op read` of $LANGFUSE_1P_PUBLIC_KEY_REF and
 * $LANGFUSE_1P_SECRET_KEY_REF, by default op://Development/Langfuse/public_key
 * and .../secret_key. 0, or -1.
 */
int source_1password(struct cred *c, struct err *e);

/*
 * Azure: secrets LANGFUSE-PUBLIC-KEY and LANGFUSE-SECRET-KEY (or those that
 * $LANGFUSE_AZURE_PUBLIC_KEY_NAME and $LANGFUSE_AZURE_SECRET_KEY_NAME name) of
 * the vault $AZURE_KEYVAULT_NAME, by `az`. 0, or -1.
 */
int source_azure(struct cred *c, struct err *e);

/* Asks on the terminal, the secret without echo. 0, or -1. */
int source_prompt(struct cred *c, struct err *e);

#endif
