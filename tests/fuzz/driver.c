/* Runs a harness where there is no libFuzzer: driver SECONDS SEEDS-FOLDER changes the seeds at
 * random (the seed of that is printed) and feeds them. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INPUT_MAX = 1 << 16, SEEDS_MAX = 4096 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static struct {
	unsigned char *data;
	size_t size;
} seeds[SEEDS_MAX];
static size_t seed_count;

static void load(const char *folder)
{
	DIR *dir = opendir(folder);

	for (struct dirent *entry; dir && seed_count < SEEDS_MAX && (entry = readdir(dir));) {
		char path[4096];
		FILE *file;

		(void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
		if (!file)
			continue;
		seeds[seed_count].data = malloc(INPUT_MAX);
		if (seeds[seed_count].data)
			seeds[seed_count].size = fread(seeds[seed_count].data, 1, INPUT_MAX, file);
		seed_count += seeds[seed_count].data != NULL;
		(void)fclose(file);
	}
	if (dir)
		(void)closedir(dir);
}

static size_t make(unsigned char *input)
{
	size_t size = 0, changes = (size_t)rand() % 8;

	if (seed_count > 0) {
		size_t from = (size_t)rand() % seed_count;

		size = seeds[from].size;
		memcpy(input, seeds[from].data, size);
	}
	if (size == 0) {
		size = 1 + (size_t)rand() % 200;
		changes = size;
	}
	for (; changes > 0; changes--)
		input[(size_t)rand() % size] = (unsigned char)rand();
	return rand() % 4 ? size : (size_t)rand() % (size + 1);
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
	unsigned seed = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : (unsigned)time(NULL);
	unsigned long runs = 0;

	if (argc > 2)
		load(argv[2]);
	printf("seed %u, %zu inputs to begin with\n", seed, seed_count);
	(void)fflush(stdout);
	srand(seed);
	for (; time(NULL) < end; runs++) {
		unsigned char *input = malloc(INPUT_MAX);
		size_t size = input ? make(input) : 0;
		/* of its own size, so that a sanitizer sees what is read past it */
		unsigned char *exact = malloc(size ? size : 1);

		if (input && exact) {
			memcpy(exact, input, size);
			(void)LLVMFuzzerTestOneInput(exact, size);
		}
		free(exact);
		free(input);
	}
	printf("%lu inputs\n", runs);
	for (size_t i = 0; i < seed_count; i++)
		free(seeds[i].data);
	return 0;
}
