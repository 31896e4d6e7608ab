#include "load/feed.h"
#include "base/buf.h"
#include "base/err.h"
#include "load/proof.h"
#include "stream/frame.h"
#include "stream/parse.h"

#include <stdlib.h>

void mi_feed_free(struct mi_feed *feed)
{
	if (!feed)
		return;
	mi_unpacker_free(feed->unpacker);
	mi_parser_free(feed->parser);
	mi_prover_free(feed->prover);
	mi_normal_row_release(&feed->row);
	mi_buf_release(&feed->payload);
	mi_buf_release(&feed->lo);
	mi_buf_release(&feed->hi);
	mi_buf_release(&feed->text);
	mi_buf_release(&feed->odd.sql);
	mi_buf_release(&feed->odd.check);
	free(feed);
}

int mi_feed_frame(struct mi_feed *feed, struct mi_err *err)
{
	const struct mi_frame *frame = &feed->job->frames[feed->next_frame++];

	if (mi_frame_unpack(feed->unpacker, frame, &feed->payload, err) != 0)
		return -1;
	return mi_parser_feed(feed->parser, frame, mi_buf_span(&feed->payload), err);
}
