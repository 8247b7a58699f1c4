#include "price/name.h"

#include <string.h>

/*
 * Path components in front that leave the price alone: vendors under their
 * own name and routers that pass the vendor's price on. Hosts with prices of
 * their own (groq, together_ai, fireworks_ai ...) are not here: their rows
 * stand in the book under the full name.
 */
static const char *const same_price[] = {
	"ai21", "amazon", "anthropic", "aws", "azure", "azure_ai", "azure-ai",
	"azureai", "bedrock", "bedrock_converse", "bedrock_mantle", "codestral",
	"cohere", "cohere_chat", "converse", "converse_like", "dashscope",
	"deepseek", "gemini", "global", "global-standard", "google", "googleai",
	"google_genai", "google-vertex", "invoke", "litellm", "litellm_proxy",
	"meta", "meta_llama", "meta-llama", "minimax", "mistral", "mistralai",
	"models", "moonshot", "moonshotai", "openai", "opencode", "openrouter",
	"perplexity", "portkey", "qwen", "text-completion-openai",
	"vercel_ai_gateway", "vertex", "vertex_ai", "vertex_ai_beta", "voyage",
	"x-ai", "xai", "z-ai", "zai", "eu", "us", "data-zone",
};

/* Bedrock's dotted prefixes: regions of inference profiles, then vendors. */
static const char *const dotted[] = {
	"us", "eu", "apac", "jp", "au", "ca", "us-gov", "global",
	"ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "meta",
	"minimax", "mistral", "moonshot", "moonshotai", "nvidia", "openai",
	"qwen", "stability", "twelvelabs", "writer", "zai",
};

/* OpenRouter's variants and Bedrock's throughput suffixes, behind a colon. */
static const char *const variants[] = {
	"beta", "exacto", "extended", "floor", "free", "latest", "mm", "nitro",
	"online", "thinking",
};

static const struct {
	const char	*provider, *prefix;
} providers[] = {
	{ "azure", "azure/" }, { "azure.ai.inference", "azure_ai/" },
	{ "azure.ai.openai", "azure/" }, { "az.ai.openai", "azure/" },
	{ "az.ai.inference", "azure_ai/" },
	{ "cerebras", "cerebras/" }, { "deepinfra", "deepinfra/" },
	{ "deepseek", "deepseek/" }, { "fireworks", "fireworks_ai/" },
	{ "gcp.gemini", "gemini/" }, { "gcp.vertex_ai", "vertex_ai/" },
	{ "gcp.gen_ai", "gemini/" }, { "gemini", "gemini/" },
	{ "github_copilot", "github_copilot/" }, { "groq", "groq/" },
	{ "ibm.watsonx.ai", "watsonx/" }, { "mistral_ai", "mistral/" },
	{ "moonshot", "moonshot/" }, { "ollama", "ollama/" },
	{ "openrouter", "openrouter/" }, { "perplexity", "perplexity/" },
	{ "together", "together_ai/" }, { "vertex_ai", "vertex_ai/" },
	{ "x_ai", "xai/" }, { "xai", "xai/" },
};

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
all_digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!digit(p[i]))
			return false;
	}
	return n > 0;
}

static bool
one_of(const char *const *list, size_t count, const char *p, size_t n)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(list[i]) == n && memcmp(list[i], p, n) == 0)
			return true;
	}
	return false;
}
#define ONE_OF(list, p, n) \
	one_of(list, sizeof(list) / sizeof((list)[0]), p, n)

static bool
space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
name_init(struct name *m, const char *p, size_t n)
{
	while (n > 0 && space(p[0])) {
		p++;
		n--;
	}
	while (n > 0 && space(p[n - 1]))
		n--;
	if (n == 0 || n > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < n; i++) {
		m->s[i] = p[i] >= 'A' && p[i] <= 'Z' ?
		    (char)(p[i] + ('a' - 'A')) : p[i];
	}
	m->n = n;
	m->s[n] = '\0';
	return true;
}

/* us-east-1, eu-central-1, us-gov-west-1, and the book's "*" for all. */
static bool
is_region(const char *p, size_t n)
{
	size_t dashes = 0;

	if (n == 1 && p[0] == '*')
		return true;
	for (size_t i = 0; i < n; i++)
		dashes += p[i] == '-';
	return n >= 8 && n <= 20 && digit(p[n - 1]) && p[n - 2] == '-' &&
	    p[2] == '-' && (dashes == 2 || dashes == 3) && !digit(p[0]) &&
	    !digit(p[3]);
}

size_t
name_prefix(const char *p, size_t n)
{
	static const char arn[] = "arn:", res[] = "/models/";
	const char *slash, *dot;
	size_t k;

	/* projects/x/locations/y/publishers/z/models/NAME */
	if ((n > 9 && memcmp(p, "projects/", 9) == 0) ||
	    (n > 11 && memcmp(p, "publishers/", 11) == 0)) {
		const char *m = memmem(p, n, res, sizeof(res) - 1);

		if (m != NULL)
			return (size_t)(m - p) + sizeof(res) - 1;
	}
	slash = memchr(p, '/', n);
	if (n > sizeof(arn) && memcmp(p, arn, sizeof(arn) - 1) == 0 &&
	    slash != NULL)
		return (size_t)(slash - p) + 1;
	if (slash != NULL) {
		k = (size_t)(slash - p);
		if (k + 1 < n && (ONE_OF(same_price, p, k) || is_region(p, k)))
			return k + 1;
		return 0;
	}
	dot = memchr(p, '.', n);
	if (dot != NULL) {
		k = (size_t)(dot - p);
		if (k + 1 < n && ONE_OF(dotted, p, k))
			return k + 1;
	}
	return 0;
}

/* "-20250929", "-2025-08-07", "-latest"; "-05-20", "-09-2025" of previews. */
static size_t
date_suffix(const char *p, size_t n)
{
	const char *q = p + n;

	if (n > 7 && memcmp(q - 7, "-latest", 7) == 0)
		return 7;
	if (n > 9 && q[-9] == '-' && q[-8] == '2' && q[-7] == '0' &&
	    all_digits(q - 8, 8))
		return 9;
	if (n > 11 && q[-11] == '-' && q[-10] == '2' && q[-9] == '0' &&
	    all_digits(q - 10, 4) && q[-6] == '-' && all_digits(q - 5, 2) &&
	    q[-3] == '-' && all_digits(q - 2, 2))
		return 11;
	if (n > 16 && memcmp(q - 16, "-preview-", 9) == 0 &&
	    all_digits(q - 7, 2) && q[-5] == '-' && all_digits(q - 4, 4))
		return 8;
	if (n > 14 && memcmp(q - 14, "-preview-", 9) == 0 &&
	    all_digits(q - 5, 2) && q[-3] == '-' && all_digits(q - 2, 2))
		return 6;
	return 0;
}

/* "-v1" of Bedrock, with ":0" or behind a dotted vendor; Vertex's for Claude. */
static size_t
bedrock_version(const char *p, size_t n, const struct name *whole)
{
	size_t k = n;

	while (k > 0 && digit(p[k - 1]))
		k--;
	if (k == n || k < 3 || p[k - 1] != 'v' || p[k - 2] != '-')
		return 0;
	if (memchr(whole->s, ':', whole->n) == NULL &&
	    memmem(whole->s, whole->n, "claude-", 7) == NULL &&
	    memmem(whole->s, whole->n, "amazon.", 7) == NULL)
		return 0;
	return n - k + 2;
}

size_t
name_suffix(const char *p, size_t n, const struct name *whole, bool *is_free)
{
	const char *q;
	size_t k;

	if (n > 2 && p[n - 1] == ']' && (q = memrchr(p, '[', n)) != NULL &&
	    q != p)
		return (size_t)(p + n - q);
	q = memrchr(p, ':', n);
	if (q != NULL && q != p) {
		k = (size_t)(p + n - q) - 1;
		/* ft:MODEL:organisation:name:id */
		if (memmem(p, n, "ft:", 3) != NULL && memchr(p, ':', n) != q)
			return k + 1;
		if (ONE_OF(variants, q + 1, k)) {
			*is_free |= k == 4 && memcmp(q + 1, "free", 4) == 0;
			return k + 1;
		}
		if (all_digits(q + 1, k) || (k > 1 && q[k] == 'k' &&
		    all_digits(q + 1, k - 1)))
			return k + 1;
	}
	q = memrchr(p, '@', n);
	if (q != NULL && q != p)
		return (size_t)(p + n - q);
	if ((k = date_suffix(p, n)) > 0)
		return k;
	if ((k = bedrock_version(p, n, whole)) > 0)
		return k;
	/* Google's pinned revisions, gemini-2.0-flash-001 */
	if (n > 4 && memcmp(p + n - 4, "-00", 3) == 0 && digit(p[n - 1]) &&
	    memmem(p, n, "gemini-", 7) != NULL)
		return 4;
	return 0;
}

/* claude-4.5-sonnet -> claude-sonnet-4-5 */
static bool
respell_claude(const char *p, size_t n, struct name *out)
{
	const size_t c = strlen("claude-");
	size_t v, i, word;
	bool changed = false;

	for (v = c; v < n && (digit(p[v]) || p[v] == '.' || (p[v] == '-' &&
	    v + 1 < n && digit(p[v + 1]))); v++)
		;
	memcpy(out->s, p, n);
	if (v > c && v < n && p[v] == '-') {
		word = v + 1;
		for (i = word; i < n && p[i] >= 'a' && p[i] <= 'z'; i++)
			;
		memcpy(out->s + c, p + word, i - word);
		out->s[c + i - word] = '-';
		memcpy(out->s + c + (i - word) + 1, p + c, v - c);
		changed = true;
	}
	for (i = c; i < n; i++) {
		if (out->s[i] == '.') {
			out->s[i] = '-';
			changed = true;
		}
	}
	out->n = n;
	return changed;
}

bool
name_respell(const char *p, size_t n, struct name *out)
{
	static const char azure[] = "gpt-35-", ours[] = "gpt-3.5-";

	if (n >= NAME_MAX_LEN)
		return false;
	if (n > 7 && memcmp(p, "claude-", 7) == 0)
		return respell_claude(p, n, out);
	if (n <= 7 || memcmp(p, azure, 7) != 0)
		return false;
	memcpy(out->s, ours, 8);
	memcpy(out->s + 8, p + 7, n - 7);
	out->n = n + 1;
	return true;
}

const char *
name_provider_prefix(const char *provider, size_t n)
{
	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
		if (strlen(providers[i].provider) == n &&
		    memcmp(providers[i].provider, provider, n) == 0)
			return providers[i].prefix;
	}
	return NULL;
}

static size_t
without_preview(const char *p, size_t n)
{
	return n > 8 && memcmp(p + n - 8, "-preview", 8) == 0 ? n - 8 : n;
}

/*
 * The version number at p[i] (at most three digits and not followed by a
 * letter, which would make it a size: 70b, 4o), its length, or 0.
 */
static size_t
version_at(const char *p, size_t n, size_t i, int *value)
{
	size_t k = 0;

	*value = 0;
	while (i + k < n && digit(p[i + k])) {
		if (k == 3)
			return 0;
		*value = *value * 10 + (p[i + k] - '0');
		k++;
	}
	if (i + k < n && p[i + k] >= 'a' && p[i + k] <= 'z')
		return 0;
	return k;
}

/* Walks both names; false when they differ in more than version numbers. */
static bool
walk(const char *a, size_t an, const char *b, size_t bn, int *order)
{
	size_t i = 0, j = 0, ka, kb;
	int va, vb, numbers = 0;

	*order = 0;
	while (i < an && j < bn) {
		ka = version_at(a, an, i, &va);
		kb = version_at(b, bn, j, &vb);
		if (ka > 0 && kb > 0) {
			if (*order == 0)
				*order = vb < va ? -1 : vb > va;
			i += ka;
			j += kb;
			numbers++;
			continue;
		}
		if (a[i] != b[j])
			return false;
		i++;
		j++;
	}
	return i == an && j == bn && numbers > 0;
}

bool
name_same_family(const struct name *a, const char *b, size_t bn, int *order)
{
	return walk(a->s, without_preview(a->s, a->n), b,
	    without_preview(b, bn), order);
}

int
name_version_cmp(const char *a, size_t an, const char *b, size_t bn)
{
	int order;

	if (!walk(a, without_preview(a, an), b, without_preview(b, bn),
	    &order))
		return 0;
	return -order;
}
