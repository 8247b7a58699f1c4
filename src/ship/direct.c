#include "ship/direct.h"

int
direct_record(struct ship *x, const struct record *r)
{
	if (shipper_add(&x->shipper, r) == -1)
		return ship_failed(x);
	if (shipper_stopped(&x->shipper))
		x->io->stop = true;
	return 0;
}

int64_t
direct_idle(struct ship *x)
{
	int64_t next = shipper_tick(&x->shipper);

	if (x->shipper.failed || shipper_stopped(&x->shipper))
		x->io->stop = true;
	return next;
}

void
direct_close(struct ship *x)
{
	shipper_drain(&x->shipper, x->o.retry_for, SHIP_HURRY);
}
