/* What edit.c collects and edit-splice.c writes; private to them. */
#ifndef RECORD_EDIT_PARTS_H
#define RECORD_EDIT_PARTS_H

#include "record/edit.h"

/*
 * A name that gets a new value or goes away. What is written for it stands in
 * text: ,"key":value, at off and off + head, all of n bytes. So new attributes
 * that follow one another are written as one piece.
 */
struct edit_change {
	const char		*key;
	size_t			 klen;
	enum record_field	 field;		/* of members; F_COUNT_ else */
	size_t			 off, head, n;
	bool			 drop;
	bool			 there;		/* the record has the name */
};

/* Bytes at..at+len of the line give way to text[off..off+n) and a comma. */
struct edit_piece {
	const char	*at;
	size_t		 len;
	size_t		 off, n;
	bool		 comma;		/* one behind the text */
};

/* Room for one more element of v; NULL with e->err set. */
void *edit_grow(struct edit *e, void *v, size_t n, size_t *cap, size_t size);

#endif
