/* Attributes that pricing reads (call.c) and writes (call-write.c). */
#ifndef PRICE_CALL_ATTR_H
#define PRICE_CALL_ATTR_H

#define ATTR_DETAILS	"langfuse.observation.cost_details"
#define ATTR_COST	"gen_ai.usage.cost"
#define ATTR_COST_USD	"gen_ai.usage.cost_usd"
#define ATTR_COST_OI	"llm.cost.total"
#define ATTR_PROMPT	"llm.cost.prompt"
#define ATTR_COMPLETION	"llm.cost.completion"
#define ATTR_REPORTED	"aitrace.cost.reported"
#define ATTR_COMPUTED	"aitrace.cost.computed"
#define ATTR_SOURCE	"aitrace.cost.source"
#define ATTR_ESTIMATED	"cost.estimated"
#define ATTR_BASIS	"aitrace.cost.basis"

#endif
