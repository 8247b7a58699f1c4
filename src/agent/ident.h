/*
 * What ids are made from where no id is told by all that tell of a run. How
 * many tokens went in and out of an answer is in logs, in spans, and in what a
 * CLI keeps on disk: in its turn it identifies an answer, and in its
 * conversation the first answer identifies a turn, or the length of what was
 * asked in vain.
 */
#ifndef AGENT_IDENT_H
#define AGENT_IDENT_H

#include "agent/model.h"

/*
 * An answer of so many tokens below base, a turn or thread. number: 2 and more
 * for a second turn with a first answer of the same tokens, and so on; calls
 * are told apart when they are written. A JSON string in the arena, type
 * JSON_NONE when out of memory (m->oom).
 */
struct json_val ident_answer(struct model *m, struct json_val base,
    int64_t input, int64_t output, unsigned number);

/*
 * The same of a turn that nothing answered: how long is what was asked, a JSON
 * string; nothing else of it is told by ids. number: 2 and more for a second
 * turn that asked so much in vain.
 */
struct json_val ident_prompt(struct model *m, struct json_val base,
    struct json_val prompt, unsigned number);

/*
 * What the ids of the turn with that key are made from, once something of it
 * was written; JSON_NONE: nothing was.
 */
struct json_val ident_of_written(const struct model *m, struct json_val key);

/* Is it that of another turn of which something was written? */
bool ident_is_written(const struct model *m, struct json_val key,
    struct json_val ident);

#endif
