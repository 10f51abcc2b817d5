package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.cli.api.Credentials;
import jarrah.images.bundle.Manifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;

/**
 * Finds the kernel and ramdisk of another region that are what these are here: each region registers public kernels under
 * equal names, so the one of the same owner, type and manifest key is meant.
 */
final class KernelMapping {
    private final Surroundings around;
    private final Place place;
    private final Credentials.Key key;
    private final PrintWriter out;

    /**
     * A kernel and a ramdisk.
     *
     * @param kernel its id; empty for none
     * @param ramdisk its id; empty for none
     */
    record Ids(Optional<String> kernel, Optional<String> ramdisk) {}

    KernelMapping(Surroundings around, Place place, Credentials.Key key, PrintWriter out) {
        this.around = around;
        this.place = place;
        this.key = key;
        this.out = out;
    }

    /**
     * The ids in the target region.
     *
     * @param given ids that the person named, which are only looked at for being there
     */
    Ids map(Manifest manifest, Ids given) throws IOException {
        String target = place.region(around);
        try (Ec2Client there = place.ec2(around, target, key)) {
            return new Ids(
                    map(manifest.machine().kernelId(), given.kernel(), there, target),
                    map(manifest.machine().ramdiskId(), given.ramdisk(), there, target));
        }
    }

    private Optional<String> map(Optional<String> source, Optional<String> given, Ec2Client there, String target)
            throws IOException {
        if (given.isPresent()) {
            if (there.image(given.get()).isEmpty()) {
                out.println("Warning: there is no image " + given.get() + " in " + target + ".");
            }
            return given;
        }
        if (source.isEmpty() || source.get().equals("true")) {
            return Optional.empty();
        }
        Ec2Client.Image known = find(source.get());
        Optional<String> mapped = there.imagesOf(known.owner()).stream()
                .filter(image ->
                        image.type().equals(known.type()) && image.key().equals(known.key()))
                .map(Ec2Client.Image::id)
                .findFirst();
        mapped.ifPresent(id -> out.println("Mapped " + known.id() + " to " + id + "."));
        return mapped;
    }

    /** The image of that id, in the first region that has it. */
    private Ec2Client.Image find(String id) throws IOException {
        String home = Place.home(around);
        try (Ec2Client here = new Place().ec2(around, home, key)) {
            Optional<Ec2Client.Image> found = here.image(id);
            if (found.isPresent()) {
                return found.get();
            }
            for (Ec2Client.Region region : here.regions()) {
                if (region.name().equals(home)) {
                    continue;
                }
                try (Ec2Client other = new Place().ec2(around, region.name(), key)) {
                    found = other.image(id);
                    if (found.isPresent()) {
                        return found.get();
                    }
                }
            }
        }
        throw new CommandFailed("no region knows the image " + id
                + " that the manifest names; give --kernel and --ramdisk, or --no-mapping");
    }
}
