/*
 * Passes over a JSON value by its quotes, backslashes and brackets, 64 bytes at
 * a time: for long texts in which nothing is looked for. What is passed over is
 * not checked, but for what stands around its brackets and behind its strings:
 * a line that another writer put into the middle of it is seen.
 */
#ifndef JSON_PASS_H
#define JSON_PASS_H

/*
 * The value at p, without white space before it: the position behind it, or
 * NULL when it does not end before end, or when in an object or list a string,
 * an object or a list is followed by what cannot follow one, or an object or a
 * list stands behind what it cannot stand behind. (A number or literal ends at
 * end, too, as for json_skip.) Where the value is valid JSON, that is the
 * position json_skip gives (json/scan.h), whatever the depth; else it is NULL or
 * anywhere from p to end. Nothing at or behind end is read. The time is linear
 * in the length of any text, valid or not.
 */
const char *json_pass(const char *p, const char *end);

#endif
