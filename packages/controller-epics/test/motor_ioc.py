"""A motor record with switches, jog, home, power, an encoder and faults on demand, as far as clients can tell.

Unlike the simulated record that comes with caproto it answers a put with completion at the end of the motion, keeps
user and dial coordinates, obeys its limits, and has DMOV at 0 before a put is answered.

PREFIXm1, PREFIXm2: motors. PREFIXm1:fault adds bits to MSTA; PREFIXm1:stall is where it gets stuck;
PREFIXm1:soft is the highest dial position, whatever its limits say; PREFIXm1:lacks takes power and encoder away.
PREFIXm1:blink lets motions that cannot go anywhere be told of at 1 after they were answered, at 2 not at all.
"""

import asyncio
import socket
import time

import caproto.asyncio.server
from caproto import AlarmSeverity, AlarmStatus
from caproto.server import PVGroup, SubGroup, ioc_arg_parser, pvproperty, run

TICK = 0.01
HARD = {-1: -1200.0, 1: 1200.0}  # where the limit switches are
HOME = 500.0  # where the home switch is
STEP, COUNT = 0.01, 0.5  # MRES, ERES
PLUS, HOMELS, POSITION, AT_HOME, ENCODER = 0x4, 0x8, 0x20, 0x80, 0x100
GAIN, COMM, MINUS = 0x800, 0x1000, 0x2000


def index(choice):
    """Of a menu field, whether it was set by number or by word."""
    return choice.value if isinstance(choice.value, int) else choice.enum_strings.index(choice.value)


class Motor(PVGroup):
    motor = pvproperty(value=0.0, name="", record="motor", precision=4)
    fault = pvproperty(value=0, name=":fault")
    stall = pvproperty(value=1e9, name=":stall")
    soft = pvproperty(value=1e9, name=":soft")
    lacks = pvproperty(value=0, name=":lacks")
    blink = pvproperty(value=0, name=":blink")
    at = 0.0  # where the motor is, whatever is made of it
    zero = 0.0  # dial position there
    done = None  # event of the motion in progress
    stopping = False
    telling = None  # task that tells of a motion that is over

    @property
    def fields(self):
        return self.motor.field_inst

    @property
    def dial(self):
        return self.at + self.zero

    @property
    def sign(self):
        return -1 if index(self.fields.user_direction) else 1

    @motor.startup
    async def motor(self, instance, async_lib):
        for field, value in {
            "engineering_units": "um", "velocity": 500.0, "max_velocity": 5000.0, "seconds_to_velocity": 0.25, "jog_velocity": 500.0,
            "jog_accel": 2000.0, "motor_step_size": STEP, "encoder_step_size": COUNT, "retry_deadband": 2 * STEP,
            "dial_low_limit": -1000.0, "dial_high_limit": 1000.0, "enable_control": 1, "limit_violation": 0,
        }.items():
            await getattr(self.fields, field).write(value)
        await self.show()

    async def tell(self, field, value):
        """Only what is new: a server on a busy machine has enough to tell."""
        channel = getattr(self.fields, field)
        known = index(channel) if hasattr(channel, "enum_strings") else channel.value
        if known != value:
            await channel.write(value)

    async def show(self, powered=None):
        fields, plus, minus = self.fields, self.at >= HARD[1], self.at <= HARD[-1]
        await self.tell("dial_readback_value", self.dial)
        await self.tell("user_readback_value", self.sign * self.dial + fields.user_offset.value)
        await self.tell("raw_readback_value", round(self.dial / STEP))
        await self.tell("raw_encoder_position", round((self.at + 3) / COUNT))
        high, low = (plus, minus) if self.sign > 0 else (minus, plus)
        await self.tell("user_high_limit_switch", int(high))
        await self.tell("user_low_limit_switch", int(low))
        status = self.fault.value | (0 if self.lacks.value else GAIN | ENCODER)
        status |= (PLUS if plus else 0) | (MINUS if minus else 0)
        status |= HOMELS | AT_HOME if abs(self.at - HOME) < 1 else 0
        status |= POSITION if (index(fields.enable_control) if powered is None else powered) else 0
        await self.tell("motor_status", status)

    async def go(self, target, top, acceleration):
        """Moves by a trapezoid until there, stopped, stuck or on a limit switch."""
        while self.done:
            await self.done.wait()
        if self.telling:  # not in the middle of what comes now
            await self.telling
        fields, loop = self.fields, asyncio.get_running_loop()
        if index(fields.stop_pause_move_go) < 2 or not index(fields.enable_control):
            return
        way = 1 if target >= self.at else -1
        if self.blink.value and self.at in (self.stall.value, HARD[way]):
            await self.pass_unseen(is_told=self.blink.value == 1)
            return
        self.done, self.stopping = asyncio.Event(), False
        await fields.done_moving_to_value.write(0)
        await fields.motor_is_moving.write(1)
        speed, before = 0.0, loop.time()
        try:
            while self.at != target:
                await asyncio.sleep(TICK)
                span, before = loop.time() - before, loop.time()
                left = abs(target - self.at)
                if self.stopping:
                    speed -= acceleration * span
                else:
                    speed = min(speed + acceleration * span, top, (2 * acceleration * left) ** 0.5)
                if speed <= 0:
                    break
                step = left if left <= max(speed * span, STEP / 2) else speed * span
                stall = self.stall.value
                if (self.at - stall) * (self.at + way * step - stall) <= 0:
                    break
                self.at = target if step == left else max(HARD[-1], min(HARD[1], self.at + way * step))
                await self.show()
                if self.at == HARD[way]:
                    break
        finally:
            await self.show()
            await fields.motor_is_moving.write(0)
            self.done, done = None, self.done
            await fields.done_moving_to_value.write(1)
            done.set()

    async def pass_unseen(self, is_told):
        """A motion that is over before it is told of, as servers with much to tell do it."""
        done, begun = self.fields.done_moving_to_value, time.time()

        async def later():
            await asyncio.sleep(5 * TICK)
            await done.write(0, timestamp=begun)
            await done.write(1, timestamp=begun + TICK)

        await done.write(1, timestamp=begun + TICK)
        if is_told:
            self.telling = asyncio.get_running_loop().create_task(later())

    async def take(self, dial):
        """A new dial position: where to go, or what to call where it is."""
        fields = self.fields
        if index(fields.set_use_switch):
            user = fields.user_readback_value.value
            self.zero = dial - self.at
            if not index(fields.offset_freeze_switch):
                await fields.user_offset.write(user - self.sign * dial)
            await self.show()
            return
        low, high = fields.dial_low_limit.value, fields.dial_high_limit.value
        beyond = not (low == high == 0) and not low <= dial <= high or dial > self.soft.value
        await fields.limit_violation.write(int(beyond))
        if not beyond:
            velocity = fields.velocity.value
            ramp = velocity - fields.base_velocity.value
            await self.go(dial - self.zero, velocity, ramp / fields.seconds_to_velocity.value)

    @motor.putter
    async def motor(self, instance, value):
        fields = self.fields
        if index(fields.set_use_switch) and not index(fields.offset_freeze_switch):
            await fields.user_offset.write(value - self.sign * self.dial)
            await self.show()
            return value
        await self.take(self.sign * (value - fields.user_offset.value))
        return value

    @lacks.putter
    async def lacks(self, instance, value):
        asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self.show()))
        return value

    @fault.putter
    async def fault(self, instance, value):
        async def later():
            await self.show()
            invalid = bool(value & COMM)
            await self.fields.dial_readback_value.alarm.write(
                status=AlarmStatus.COMM if invalid else AlarmStatus.NO_ALARM,
                severity=AlarmSeverity.INVALID_ALARM if invalid else AlarmSeverity.NO_ALARM,
            )

        asyncio.get_running_loop().create_task(later())
        return value


def group_of(fields):
    return fields.parent.group


def on(field):
    return getattr(Motor.motor.fields, field).putter


@on("dial_desired_value")
async def _(fields, instance, value):
    await group_of(fields).take(value)


@on("stop")
async def _(fields, instance, value):
    group_of(fields).stopping = True
    return 0


async def jog(fields, value, direction):
    group = group_of(fields)
    if not value:
        group.stopping = True
    else:
        await group.go(direction * group.sign * 1e6, fields.jog_velocity.value, fields.jog_accel.value)
    return 0


@on("jog_motor_forward")
async def _(fields, instance, value):
    return await jog(fields, value, 1)


@on("jog_motor_reverse")
async def _(fields, instance, value):
    return await jog(fields, value, -1)


async def home(fields, value, direction):
    group = group_of(fields)
    if value:
        found = (HOME - group.at) * direction >= 0
        await group.go(HOME if found else direction * 1e6, fields.velocity.value, fields.jog_accel.value)
    return 0


@on("home_forward")
async def _(fields, instance, value):
    return await home(fields, value, 1)


@on("home_reverse")
async def _(fields, instance, value):
    return await home(fields, value, -1)


@on("enable_control")
async def _(fields, instance, value):
    await group_of(fields).show(powered=value in (1, "Enable"))
    return value


class MotorIoc(PVGroup):
    m1 = SubGroup(Motor, prefix="m1")
    m2 = SubGroup(Motor, prefix="m2")


async def without_delay(*address, bind=caproto.asyncio.server._create_bound_tcp_socket):
    """What is answered is sent at once, as real IOCs do; the connections inherit it."""
    listener = await bind(*address)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


if __name__ == "__main__":
    caproto.asyncio.server._create_bound_tcp_socket = without_delay
    ioc_options, run_options = ioc_arg_parser(default_prefix="ioc:", desc=__doc__)
    run(MotorIoc(**ioc_options).pvdb, **run_options)
