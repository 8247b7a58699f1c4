#include "import/source.h"

/* The most common first; none takes what another knows. */
const struct source *const sources[] = {
	&source_transcript,
	&source_printed,
	&source_rollout, &source_chat, &source_codex_printed,
	&source_gemini_printed, &source_opencode, &source_opencode_printed,
	NULL
};

const struct source *
source_of(struct json_val line, const struct source *hint)
{
	if (hint != NULL && hint->is != NULL && hint->is(line))
		return hint;
	for (size_t i = 0; sources[i] != NULL; i++)
		if (sources[i] != hint && sources[i]->is != NULL &&
		    sources[i]->is(line))
			return sources[i];
	return NULL;
}
